// Package socket is one WebSocket of a browser as a server with tens of thousands of them keeps it: who may open it
// ([Origins]), and how it is written to, kept alive and closed ([Socket]). What is said on it is its owner's.
package socket
