// Package accesstest has what tests need of package access: a Store in memory, and the suite that every Store has to
// pass.
package accesstest
