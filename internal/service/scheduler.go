package service

import (
	"errors"
	"strings"
)

// scheduler makes a task at logon. It is run without elevated rights, is not stopped after three days as tasks are by default, and
// runs on batteries too. schtasks reads UTF-16 and UTF-8.
func scheduler(d Description) (Plan, error) {
	if d.User == "" {
		return Plan{}, errors.New("service: the name of the user is not known")
	}
	name := `kith\` + mark(d.Folder)
	p := Plan{Kind: Scheduler, Name: name, File: strings.TrimRight(d.Folder, `\`) + `\kith-task.xml`, Mode: 0o600, Once: true}
	p.Install = []Step{
		{Command: []string{"schtasks", "/End", "/TN", name}, Lenient: true},
		{Command: []string{"schtasks", "/Create", "/F", "/TN", name, "/XML", p.File}},
		{Command: []string{"schtasks", "/Run", "/TN", name}},
	}
	p.Uninstall = []Step{
		{Command: []string{"schtasks", "/End", "/TN", name}, Lenient: true},
		{Command: []string{"schtasks", "/Delete", "/F", "/TN", name}, Lenient: true},
	}
	p.Status = []string{"schtasks", "/Query", "/TN", name}

	words := make([]string, 0, 8)
	for _, arg := range arguments(Scheduler, d) {
		words = append(words, windowsWord(arg))
	}
	x := escapeXML
	p.Text = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by kith service install; kith service uninstall removes it. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>` + x("kith, the home in "+d.Folder) + `</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>` + x(d.User) + `</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>` + x(d.User) + `</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>` + x(`"`+d.Program+`"`) + `</Command>
      <Arguments>` + x(strings.Join(words, " ")) + `</Arguments>
      <WorkingDirectory>` + x(d.Folder) + `</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`
	return p, nil
}

// windowsWord writes a word of a command line as programs on Windows read it: in quotes, with backslashes doubled where they stand
// before a quote or at the end. A name of a file has no quotes there, but an argument might.
func windowsWord(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for i := range len(s) {
		switch s[i] {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteByte(s[i])
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes))
	b.WriteByte('"')
	return b.String()
}
