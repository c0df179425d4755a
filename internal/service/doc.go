// Package service says in the words of each operating system how a home is started in the background: it turns one
// description into the text of a unit, a property list or a task, and into the commands that put it to work. It runs nothing
// and writes nothing; the command line does.
//
//   - systemd (Linux): a unit of the user, which runs while the user has a session, or always with lingering; or a unit of the
//     system, which runs from boot on under the user's name. The terms are those of systemd.service(5) and systemd.exec(5).
//   - launchd (macOS): a LaunchAgent of the user, see launchd.plist(5).
//   - Task Scheduler (Windows): a task at logon, in XML of its schema 1.2, which schtasks.exe reads.
//
// Every home has a service of its own, whose name carries a few digits of a hash of its folder: several homes on one
// machine do not get in one another's way, and installing one again replaces it.
package service
