// Package cordboard is the root of the house; it holds no code. docs/ARCHITECTURE.md draws the rooms, and the test
// beside this file holds the drawing true.
package cordboard
