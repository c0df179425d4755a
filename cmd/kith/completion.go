package main

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (*completionCmd) Help() string {
	return `Load the completions where your shell is set up:

    bash   source <(kith completion bash)      in ~/.bashrc
    zsh    source <(kith completion zsh)       in ~/.zshrc, after compinit
    fish   kith completion fish | source       in ~/.config/fish/config.fish`
}

func (c *completionCmd) Run(a *app) error {
	p := a.printer()
	p.printf("%s", complete[c.Shell](placesOf(a.model.Node)))
	return p.err
}
