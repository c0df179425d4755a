package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// spot is a place on the command line: after the words of path, these verbs and flags can come.
type spot struct {
	path  string // "kith", "kith post", "kith invites yes"
	verbs []word
	flags []flagWord
}

// word is a verb with what it does.
type word struct{ name, help string }

// flagWord is a flag.
type flagWord struct {
	name   string // "--photo"
	short  string // "-p", or ""
	help   string
	value  bool     // something follows it
	values []string // what can follow it, if that is a short list
	files  bool     // a file follows it
	dirs   bool     // a folder follows it
}

// placesOf lists the spots of a command line.
func placesOf(root *kong.Node) []spot {
	var spots []spot
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		s := spot{path: path}
		seen := make(map[string]bool)
		for _, group := range n.AllFlags(true) {
			for _, f := range group {
				w := flagOf(f)
				if !seen[w.name] {
					seen[w.name] = true
					s.flags = append(s.flags, w)
				}
				if f.Negated {
					continue
				}
				if f.Tag.Negatable != "" {
					s.flags = append(s.flags, flagWord{name: "--" + f.Tag.Negatable, help: "The opposite of --" + f.Name + "."})
				}
			}
		}
		for _, child := range n.Children {
			if child.Hidden || child.Type != kong.CommandNode {
				continue
			}
			s.verbs = append(s.verbs, word{child.Name, firstSentence(child.Help)})
		}
		spots = append(spots, s)
		for _, child := range n.Children {
			if !child.Hidden && child.Type == kong.CommandNode {
				walk(child, path+" "+child.Name)
			}
		}
	}
	walk(root, root.Name)
	return spots
}

// flagOf describes a flag. What can follow it is known from its enumeration or its type; the log level has neither,
// because it may come from elsewhere too.
func flagOf(f *kong.Flag) flagWord {
	w := flagWord{name: "--" + f.Name, help: firstSentence(f.Help), value: !f.IsBool() && !f.IsCounter()}
	if f.Short != 0 {
		w.short = "-" + string(f.Short)
	}
	switch {
	case f.Name == "log-level":
		w.values = []string{"debug", "info", "warn", "error"}
	case f.Enum != "":
		w.values = strings.Split(f.Enum, ",")
	case f.Name == "dir":
		w.dirs = true
	case strings.HasSuffix(f.Tag.Type, "file"):
		w.files = true
	}
	return w
}

func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

// complete writes the completions for a shell.
var complete = map[string]func([]spot) string{"bash": bash, "zsh": zsh, "fish": fish}

// paths lists, quoted for a case statement, the paths of all spots but the first.
func paths(spots []spot) string {
	var list []string
	for _, s := range spots[1:] {
		list = append(list, quote(s.path))
	}
	return strings.Join(list, "|")
}

// following calls write for each way in which something particular can follow flags: the names of the flags in question,
// and one of them as an example of what follows.
func following(spots []spot, write func(names []string, f flagWord)) {
	type key struct {
		values      string
		files, dirs bool
	}
	names := make(map[key][]string)
	example := make(map[key]flagWord)
	var order []key
	for _, s := range spots {
		for _, f := range s.flags {
			k := key{strings.Join(f.values, " "), f.files, f.dirs}
			if !f.value {
				continue
			}
			if _, ok := example[k]; !ok {
				example[k] = f
				order = append(order, k)
			}
			for _, name := range []string{f.name, f.short} {
				if name != "" && !slices.Contains(names[k], name) {
					names[k] = append(names[k], name)
				}
			}
		}
	}
	for _, k := range order {
		write(names[k], example[k])
	}
}

// quote puts a text into single quotes, for any of the three shells.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func bash(spots []spot) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Completions of kith for bash.
_kith() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at=kith word
	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$at $word" in
		%s) at="$at $word" ;;
		esac
	done
	case $before in
`, paths(spots))
	following(spots, func(names []string, f flagWord) {
		what := ":" // anything: there is nothing to propose
		switch {
		case f.values != nil:
			what = "COMPREPLY=($(compgen -W " + quote(strings.Join(f.values, " ")) + ` -- "$current"))`
		case f.files:
			what = `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))`
		case f.dirs:
			what = `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current"))`
		}
		fmt.Fprintf(&b, "\t%s) %s; return ;;\n", strings.Join(names, "|"), what)
	})
	b.WriteString("\tesac\n\tcase $at in\n")
	for _, s := range spots {
		var verbs, flags []string
		for _, v := range s.verbs {
			verbs = append(verbs, v.name)
		}
		for _, f := range s.flags {
			flags = append(flags, f.name)
		}
		fmt.Fprintf(&b, "\t%s)\n\t\tcase $current in\n\t\t-*) COMPREPLY=($(compgen -W %s -- \"$current\")) ;;\n\t\t*) COMPREPLY=($(compgen -W %s -- \"$current\")) ;;\n\t\tesac ;;\n",
			quote(s.path), quote(strings.Join(flags, " ")), quote(strings.Join(verbs, " ")))
	}
	b.WriteString("\tesac\n}\ncomplete -F _kith kith\n")
	return b.String()
}

func zsh(spots []spot) string {
	var b strings.Builder
	fmt.Fprintf(&b, `#compdef kith
# Completions of kith for zsh.
_kith() {
	local at=kith word
	local -a verbs flags
	for word in "${(@)words[2,CURRENT-1]}"; do
		case "$at $word" in
		(%s) at="$at $word" ;;
		esac
	done
	case "${words[CURRENT-1]}" in
`, paths(spots))
	following(spots, func(names []string, f flagWord) {
		what := ":"
		switch {
		case f.values != nil:
			what = "compadd -- " + strings.Join(f.values, " ")
		case f.files:
			what = "_files"
		case f.dirs:
			what = "_files -/"
		}
		fmt.Fprintf(&b, "\t(%s) %s; return ;;\n", strings.Join(names, "|"), what)
	})
	b.WriteString("\tesac\n\tcase \"$at\" in\n")
	for _, s := range spots {
		fmt.Fprintf(&b, "\t(%s)\n\t\tverbs=(", quote(s.path))
		for _, v := range s.verbs {
			fmt.Fprintf(&b, "%s ", quote(v.name+":"+v.help))
		}
		b.WriteString(")\n\t\tflags=(")
		for _, f := range s.flags {
			fmt.Fprintf(&b, "%s ", quote(f.name+":"+f.help))
		}
		b.WriteString(") ;;\n")
	}
	b.WriteString(`	esac
	if [[ $PREFIX == -* ]]; then
		_describe -o flag flags
	else
		_describe verb verbs
	fi
}
compdef _kith kith
`)
	return b.String()
}

func fish(spots []spot) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Completions of kith for fish.
function __kith_at
	set -l tokens (commandline -opc)
	set -l at kith
	for word in $tokens[2..-1]
		if contains -- "$at $word" %s
			set at "$at $word"
		end
	end
	test "$at" = "$argv"
end
complete -c kith -e
complete -c kith -f
`, strings.ReplaceAll(paths(spots), "|", " "))
	for _, s := range spots {
		here := quote("__kith_at " + s.path)
		for _, v := range s.verbs {
			fmt.Fprintf(&b, "complete -c kith -n %s -a %s -d %s\n", here, v.name, fishQuote(v.help))
		}
		for _, f := range s.flags {
			fmt.Fprintf(&b, "complete -c kith -n %s -l %s", here, strings.TrimPrefix(f.name, "--"))
			if f.short != "" {
				fmt.Fprintf(&b, " -s %s", strings.TrimPrefix(f.short, "-"))
			}
			switch {
			case f.values != nil:
				fmt.Fprintf(&b, " -x -a %s", quote(strings.Join(f.values, " ")))
			case f.files:
				b.WriteString(" -r -F")
			case f.dirs:
				b.WriteString(" -x -a '(__fish_complete_directories)'")
			case f.value:
				b.WriteString(" -x")
			}
			fmt.Fprintf(&b, " -d %s\n", fishQuote(f.help))
		}
	}
	return b.String()
}

// fishQuote is quote for fish, where a quote inside single quotes is escaped by a backslash.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
