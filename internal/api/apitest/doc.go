// Package apitest has a home in memory for tests of the JSON edge and of the command line: it keeps what it is told,
// reaches nobody, and fails on request.
package apitest
