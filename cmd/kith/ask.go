package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine bounds a line that is read from the standard input.
const maxLine = 64 << 10

// confirm asks a question that has to be answered by yes. Without a person to ask, whoever runs the command has
// decided already, and the answer is yes.
func (a *app) confirm(question string) error {
	if !a.asks() {
		return nil
	}
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	answer, err := a.readLine()
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}

// readLine reads a line from the standard input. It waits for a person, so it gives up when the program is interrupted.
func (a *app) readLine() (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() { // ends with the input, which belongs to the process
		line, err := bufio.NewReader(io.LimitReader(a.stdin, maxLine)).ReadString('\n')
		if errors.Is(err, io.EOF) && line != "" {
			err = nil
		}
		done <- result{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case r := <-done:
		if errors.Is(r.err, io.EOF) {
			return "", usagef("there was nothing on the standard input")
		}
		return r.line, r.err
	case <-a.ctx.Done():
		return "", a.ctx.Err()
	}
}

// readSecret asks for something that is not shown while it is typed. Without a person to ask it reads a line.
func (a *app) readSecret(prompt string) (string, error) {
	in, ok := a.stdin.(*os.File)
	if !ok || !a.asks() {
		return a.readLine()
	}
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(a.stderr, prompt)
	defer fmt.Fprintln(a.stderr)
	type result struct {
		secret []byte
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := term.ReadPassword(fd)
		done <- result{secret, err}
	}()
	select {
	case r := <-done:
		return string(r.secret), r.err
	case <-a.ctx.Done():
		_ = term.Restore(fd, before) // letters are shown again, whatever became of the question
		return "", a.ctx.Err()
	}
}
