package blob

// syncDir does nothing: Windows has no fsync of folders, and NTFS writes renames to its journal in order.
func (s *Store) syncDir(string) error { return nil }
