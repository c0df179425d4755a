// Package layering holds the order of kith's packages: which may import which, and which alone may touch the
// network engine and the database. Its test reads the imports of the whole module and compares them with that order, and
// looks after two habits besides: every package says in a comment what it is for, and no file holds a path of the machine
// that it was written on.
//
// The terms:
//
//   - Level: a set of packages at the same height. A package imports from lower levels only.
//   - Sideways: an import within a level. Some levels forbid it, some allow it in the order in which their packages
//     are listed, some leave it open (the compiler forbids cycles anyway).
//   - Keeper: the one package that may import an outside module; to all others it is hidden behind that package.
//
// The linter's configuration (.golangci.yml) says the same in its own words, so that an editor shows a wrong import while
// it is being typed. Commands, under cmd/, wire everything together and may import anything.
package layering
