package web

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"testing"
	"text/template/parse"
)

// checker walks through templates with types in place of values, so that every branch is looked at. It knows as much of
// the template language as our templates use; anything else is a problem too.
type checker struct {
	set      *template.Template
	words    template.FuncMap
	done     map[string]bool // template and type
	problems []string
	where    string
}

// scope is what names stand for at one point of a template.
type scope struct {
	dot  reflect.Type
	vars map[string]reflect.Type
}

func newChecker(set *template.Template, words template.FuncMap) *checker {
	return &checker{set: set, words: words, done: make(map[string]bool)}
}

func (c *checker) report(t *testing.T) {
	t.Helper()
	for _, problem := range c.problems {
		t.Error(problem)
	}
}

func (c *checker) problem(format string, args ...any) reflect.Type {
	c.problems = append(c.problems, c.where+": "+fmt.Sprintf(format, args...))
	return nil
}

// template checks one template for one type of dot.
func (c *checker) template(name string, dot reflect.Type) {
	key := fmt.Sprint(name, " ", dot)
	if c.done[key] {
		return
	}
	c.done[key] = true
	t := c.set.Lookup(name)
	if t == nil || t.Tree == nil {
		c.problem("there is no template %q", name)
		return
	}
	before := c.where
	c.where = fmt.Sprintf("%s with %v", name, dot)
	c.list(t.Tree.Root, scope{dot, map[string]reflect.Type{"$": dot}})
	c.where = before
}

func (c *checker) list(list *parse.ListNode, s scope) {
	if list == nil {
		return
	}
	// A variable is known up to the end of the list that it is declared in.
	vars := make(map[string]reflect.Type, len(s.vars))
	for name, typ := range s.vars {
		vars[name] = typ
	}
	s.vars = vars
	for _, node := range list.Nodes {
		c.node(node, s)
	}
}

func (c *checker) node(node parse.Node, s scope) {
	switch n := node.(type) {
	case *parse.TextNode, *parse.CommentNode:
	case *parse.ActionNode:
		c.pipe(n.Pipe, s)
	case *parse.IfNode:
		c.pipe(n.Pipe, s)
		c.list(n.List, s)
		c.list(n.ElseList, s)
	case *parse.WithNode:
		c.list(n.ElseList, s)
		inside := scope{c.pipe(n.Pipe, s), s.vars}
		c.list(n.List, inside)
	case *parse.RangeNode:
		c.list(n.ElseList, s)
		typ := c.pipe(n.Pipe, s)
		if typ == nil {
			return
		}
		if typ.Kind() != reflect.Slice && typ.Kind() != reflect.Array {
			c.problem("range over %v", typ)
			return
		}
		c.list(n.List, scope{typ.Elem(), s.vars})
	case *parse.TemplateNode:
		var dot reflect.Type
		if n.Pipe != nil {
			if dot = c.pipe(n.Pipe, s); dot == nil {
				return
			}
		}
		c.template(n.Name, dot)
	default:
		c.problem("%T is not known to the checker", node)
	}
}

// pipe returns the type of a pipeline, or nil if there is a problem with it.
func (c *checker) pipe(pipe *parse.PipeNode, s scope) reflect.Type {
	if len(pipe.Cmds) != 1 {
		// html/template appends its escapers as further commands once a template has run; ours have one.
		return c.problem("%s is a pipeline of several commands", pipe)
	}
	typ := c.command(pipe.Cmds[0], s)
	for _, v := range pipe.Decl {
		s.vars[v.Ident[0]] = typ
	}
	return typ
}

func (c *checker) command(cmd *parse.CommandNode, s scope) reflect.Type {
	if name, ok := cmd.Args[0].(*parse.IdentifierNode); ok {
		return c.call(name.Ident, cmd.Args[1:], s)
	}
	if len(cmd.Args) != 1 {
		return c.problem("%s: a method with arguments", cmd)
	}
	return c.value(cmd.Args[0], s)
}

func (c *checker) value(node parse.Node, s scope) reflect.Type {
	switch n := node.(type) {
	case *parse.DotNode:
		if s.dot == nil {
			return c.problem("there is no dot here")
		}
		return s.dot
	case *parse.FieldNode:
		return c.fields(s.dot, n.Ident)
	case *parse.VariableNode:
		typ, ok := s.vars[n.Ident[0]]
		if !ok {
			return c.problem("there is no variable %s", n.Ident[0])
		}
		return c.fields(typ, n.Ident[1:])
	case *parse.ChainNode:
		return c.fields(c.value(n.Node, s), n.Field)
	case *parse.PipeNode:
		return c.pipe(n, s)
	case *parse.StringNode:
		return reflect.TypeFor[string]()
	case *parse.NumberNode:
		return reflect.TypeFor[int]()
	case *parse.BoolNode:
		return reflect.TypeFor[bool]()
	case *parse.IdentifierNode:
		return c.call(n.Ident, nil, s)
	default:
		return c.problem("%T is not known to the checker", node)
	}
}

// fields follows names from a type on.
func (c *checker) fields(typ reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if typ == nil {
			return c.problem(".%s of nothing", strings.Join(names, "."))
		}
		if m, ok := typ.MethodByName(name); ok {
			typ = m.Type.Out(0)
			continue
		}
		owner := typ
		if owner.Kind() == reflect.Pointer {
			owner = owner.Elem()
		}
		if owner.Kind() != reflect.Struct {
			return c.problem("%v has no .%s", typ, name)
		}
		field, ok := owner.FieldByName(name)
		if !ok || !field.IsExported() {
			return c.problem("%v has no .%s", typ, name)
		}
		typ = field.Type
	}
	return typ
}

// call returns the type of a function's result.
func (c *checker) call(name string, nodes []parse.Node, s scope) reflect.Type {
	var args []reflect.Type
	for _, node := range nodes {
		typ := c.value(node, s)
		if typ == nil {
			return nil
		}
		args = append(args, typ)
	}
	switch name {
	case "and", "or", "not":
		return reflect.TypeFor[bool]()
	case "len":
		if k := args[0].Kind(); k != reflect.Slice && k != reflect.String {
			return c.problem("len of %v", args[0])
		}
		return reflect.TypeFor[int]()
	case "eq", "ne", "lt", "le", "gt", "ge":
		for _, arg := range args[1:] {
			if arg.Kind() != args[0].Kind() {
				return c.problem("%s of %v and %v", name, args[0], arg)
			}
		}
		return reflect.TypeFor[bool]()
	}
	word, ok := c.words[name]
	if !ok {
		return c.problem("there is no function %s", name)
	}
	typ := reflect.TypeOf(word)
	if typ.NumIn() != len(args) {
		return c.problem("%s takes %d arguments, not %d", name, typ.NumIn(), len(args))
	}
	for i, arg := range args {
		if !arg.AssignableTo(typ.In(i)) && !(arg.Kind() == reflect.Int && typ.In(i).Kind() == reflect.Int64) {
			return c.problem("%s takes %v, not %v", name, typ.In(i), arg)
		}
	}
	return typ.Out(0)
}
