package main

import (
	"fmt"

	"github.com/alecthomas/kong"
)

// cli is the whole command line: the options, and a field for each verb.
type cli struct {
	options

	ShowVersion kong.VersionFlag `name:"version" help:"Show which kith this is."`

	Run  runCmd  `cmd:"" default:"withargs" group:"home" help:"Start the home in this folder and open its page. This is what kith does without a word after it."`
	Open openCmd `cmd:"" group:"home" help:"Open the page of the running home, signed in."`

	Begin    beginCmd    `cmd:"" group:"home" help:"Finish the first run from the command line: your name, and where friends can reach you."`
	Status   statusCmd   `cmd:"" group:"home" help:"Show how the home is."`
	Password passwordCmd `cmd:"" group:"home" help:"Set, change or remove the password of the page."`
	Stop     stopCmd     `cmd:"" group:"home" help:"Stop the home that runs in this folder."`
	Phone    phoneCmd    `cmd:"" group:"home" help:"Open the page to phones and tablets in your Wi-Fi; pair one, remove one."`
	Service  serviceCmd  `cmd:"" group:"home" help:"Start the home by itself, when you sign in or when the computer starts."`
	Backup   backupCmd   `cmd:"" group:"home" help:"Put the whole home into one file, while it runs or not."`
	Restore  restoreCmd  `cmd:"" group:"home" help:"Make a home of a backup, in an empty folder."`

	Feed    feedCmd     `cmd:"" group:"wall" help:"Read what you and your friends wrote, newest first."`
	Search  searchCmd   `cmd:"" group:"wall" help:"Find people, posts and comments by their words."`
	Post    postCmd     `cmd:"" group:"wall" help:"Post something, with photos if you like."`
	Comment commentCmd  `cmd:"" group:"wall" help:"Comment on a post."`
	React   reactCmd    `cmd:"" group:"wall" help:"React to a post or comment with an emoji."`
	Edit    editCmd     `cmd:"" group:"wall" help:"Change what you wrote in a post or comment."`
	History historyCmd  `cmd:"" group:"wall" help:"Read the earlier versions of a post or comment."`
	News    newsCmd     `cmd:"" group:"wall" help:"What concerns you: answers, reactions, who came."`
	Hide    hidePostCmd `cmd:"" group:"wall" help:"Keep a post out of your sight."`
	Quiet   quietCmd    `cmd:"" group:"wall" help:"Hear nothing more of a post."`
	Save    saveCmd     `cmd:"" group:"wall" help:"Put a post aside."`
	Saved   savedCmd    `cmd:"" group:"wall" help:"Read the posts that you put aside."`
	Delete  deleteCmd   `cmd:"" group:"wall" help:"Delete a post or comment."`
	Trash   trashCmd    `cmd:"" group:"wall" help:"See what you deleted, post it again, or delete it for good."`

	Friends  friendsCmd  `cmd:"" group:"friends" help:"List your friends and whether their homes are on."`
	Invite   inviteCmd   `cmd:"" group:"friends" help:"Make an invite to send to somebody."`
	Invites  invitesCmd  `cmd:"" group:"friends" help:"List invites, answer who used one, take one back."`
	Accept   acceptCmd   `cmd:"" group:"friends" help:"Accept an invite that somebody sent you."`
	Unfriend unfriendCmd `cmd:"" group:"friends" help:"End a friendship."`
	Verify   verifyCmd   `cmd:"" group:"friends" help:"Compare the safety number with a friend in person."`
	Privacy  privacyCmd  `cmd:"" group:"friends" help:"Who sees what of you."`
	Mute     hideCmd     `cmd:"" group:"friends" help:"Keep somebody's posts out of your feed, or block them; list whom you do."`

	Groups   groupsCmd   `cmd:"" group:"groups" help:"List your groups."`
	Group    groupCmd    `cmd:"" group:"groups" help:"Make a group, bring people in, decide who does what."`
	Chat     chatCmd     `cmd:"" aliases:"chats" group:"groups" help:"List your chats, read one, or send something."`
	Audience audienceCmd `cmd:"" group:"groups" help:"List whom a post can be for; make lists of friends."`

	Device   deviceCmd   `cmd:"" aliases:"devices" group:"devices" help:"List your computers; link, rename or remove one."`
	Recover  recoverCmd  `cmd:"" group:"devices" help:"Come back with your recovery words, when all computers are lost."`
	HelpBack helpBackCmd `cmd:"" group:"devices" help:"Help a friend come back who lost all computers."`

	Demo       demoCmd       `cmd:"" group:"more" help:"Show a village of homes on this computer, befriended and talking."`
	Completion completionCmd `cmd:"" group:"more" help:"Print the completions for your shell."`
	Help       helpCmd       `cmd:"" group:"more" help:"Explain a command."`
	Version    versionCmd    `cmd:"" group:"more" help:"Show which kith this is."`
}

var groups = []kong.Group{
	{Key: "home", Title: "The home:"},
	{Key: "wall", Title: "The wall:"},
	{Key: "friends", Title: "Friends:"},
	{Key: "groups", Title: "Groups, chats and lists of friends:"},
	{Key: "devices", Title: "Your computers:"},
	{Key: "more", Title: "More:"},
	{Key: "running", Title: "Settings of a running home:"},
}

const description = "kith is a social network without a company in the middle. Your home is a folder on this computer; " +
	"run kith in it, and your page opens in the browser."

// epilogue stands at the end of "kith --help".
const epilogue = `
Examples:
  mkdir my-home && cd my-home && kith    start, and say who you are
  kith invite                            a message to send to a friend
  kith accept kith1-...                  what the friend does with it
  kith post --to "Garden club" "Hello"   to a group, or to one of your lists of friends
  kith post "Home at last" --photo cat.jpg --alt "The cat at the window"
  kith feed --follow                     read along while friends write
  kith service install                   start it by itself from now on

Settings:
  Each of these can be given as a flag, as an environment variable, or in the
  file kith.toml in the folder. A flag wins over the environment, that over
  the file.
    --dir          KITH_DIR
    --page         KITH_PAGE         page = "127.0.0.1:7480"
    --listen       KITH_LISTEN       listen = ["7481"]
    --bootstrap    KITH_BOOTSTRAP    bootstrap = []
    --log-level    KITH_LOG_LEVEL    log-level = "warn"
    --no-browser   KITH_NO_BROWSER   no-browser = false

Exit codes:
  0    done
  1    something went wrong in the home or on this computer
  2    the command can't be understood, or what was given to it can't be used
  3    no home is running in the folder
  4    no such post, comment, friend or invite, or it is gone
  5    not allowed, or the home is not set up yet
  6    the invite or code can't be used: used, run out, taken back, refused, your own
  7    another home is not on, or too much at once: try again later
  130  interrupted
`

// help prints the usual help, and for the whole command what it ends with. The settings of a running home are shown with
// the verbs that they mean something to.
func (a *app) help(options kong.HelpOptions, k *kong.Context) error {
	verb := k.Selected()
	for _, f := range k.Model.Flags {
		if f.Group != nil && f.Group.Key == "running" && verb != nil && verb.Name != "run" {
			f.Hidden = true
		}
	}
	if err := kong.DefaultHelpPrinter(options, k); err != nil {
		return err
	}
	if verb != nil {
		return nil
	}
	_, err := fmt.Fprint(a.stdout, epilogue)
	return err
}

type helpCmd struct {
	Command []string `arg:"" optional:"" help:"The command."`
}

func (c *helpCmd) Run(a *app) error { return a.run(append(c.Command, "--help")) }
