package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kith/internal/blob"
	"kith/internal/key"
	"kith/internal/sqlite"
)

// openFolder opens what is on disk: keys, store and blobs.
func (n *Node) openFolder(ctx context.Context) (err error) {
	if err := os.MkdirAll(n.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("node: %w", err)
	}
	path := n.keyFile("device")
	n.device, err = key.LoadDevice(path)
	if errors.Is(err, os.ErrNotExist) {
		n.device = key.NewDevice()
		err = key.SaveDevice(path, n.device)
	}
	if err != nil {
		return err
	}
	if n.db, err = sqlite.Open(ctx, filepath.Join(n.cfg.Dir, "kith.db"), sqlite.Options{Now: n.cfg.Now, Damaged: n.healer.damaged}); err != nil {
		return err
	}
	if n.blobs, err = blob.OpenStore(filepath.Join(n.cfg.Dir, "blobs")); err != nil {
		return err
	}
	return n.checkMark(ctx)
}

func (n *Node) keyFile(name string) string { return filepath.Join(n.cfg.Dir, "keys", name) }

// checkMark notices a restored or copied folder and makes every log of ours begin a new incarnation.
func (n *Node) checkMark(ctx context.Context) error {
	if n.cfg.LockFile == "" {
		return nil
	}
	mark, err := folderMark(n.cfg.LockFile)
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	before, err := n.db.Meta(ctx, MetaMark)
	if err != nil || before == mark {
		return err
	}
	if before != "" {
		n.Restored = true
		n.log.Info("this folder was restored or copied; what is written from now on goes into new logs")
		if err := n.db.ForgetOwnLogs(ctx); err != nil {
			return err
		}
	}
	return n.db.SetMeta(ctx, MetaMark, mark)
}

// remember reads who we are and whom we know.
func (n *Node) remember(ctx context.Context) error {
	var text string
	if _, err := n.db.Get(ctx, records, recordPerson, &text); err != nil {
		return err
	}
	if text != "" {
		person, err := key.ParsePersonID(text)
		if err != nil {
			return fmt.Errorf("node: the stored person: %w", err)
		}
		n.speak(person)
	}
	spaces, err := n.db.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		if !s.AwaitedFrom.IsZero() {
			n.directory.Await(s.ID, s.AwaitedFrom)
			if err := n.admitPerson(ctx, s.AwaitedFrom); err != nil {
				return err
			}
		}
	}
	for _, s := range spaces {
		if _, err := n.directory.Refresh(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}
