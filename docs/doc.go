// Package docs holds what people read, and the tests that keep it true: links and paths lead somewhere, tests and types
// that a page names exist, and the tables that repeat what the code says are generated from it.
//
//	go test ./docs -update     writes the generated parts anew
//
// A generated part stands between <!-- generated: name --> and <!-- /generated -->; generate_test.go has one function
// for each name.
package docs
