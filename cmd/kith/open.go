package main

import "fmt"

type openCmd struct {
	Print bool `help:"Print the address that signs in, and nothing else, instead of opening a browser. It works once, within two minutes."`
}

func (*openCmd) Help() string {
	return `A browser that was opened this way stays signed in. The page lists those that are, and can sign them out.

Examples:

    kith open
    kith open --print`
}

func (c *openCmd) Run(a *app) error {
	folder, err := a.folder()
	if err != nil {
		return err
	}
	if !c.Print {
		noBrowser := a.flags.NoBrowser != nil && *a.flags.NoBrowser
		return a.showPage(a.ctx, folder, noBrowser, "Your page")
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	link, err := client.PageLink(a.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, link.Link)
	return err
}
