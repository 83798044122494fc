// Package table holds small keyed data tables that workflows and people read and write: which wrap-up code waits how long,
// which campaign has which limit. A table has a key column, columns with types, and perhaps a default row, which stands in
// for every key that has no row.
//
//	[Definition]  what a table is; written in a file ([ReadFile]) or made by people
//	[Values]      what a row holds, each value in the one form of its type
//	[Change]      what is to become of a row: put, merged, counted up, deleted, with or without a condition
//	[Store]       the contract of what keeps tables; package tabletest is its suite
//	[Tables]      what workflows and pages use: definitions and rows together
//
// Every change has a number; it is the version of the row that it leaves. So a version never comes back, and whoever read
// one may say "only if it is still this one". All changes stay in the table's history, with who made them. A change that
// carries a key of its own (Change.Once) is made once, however often it is asked for: the history knows the key.
package table
