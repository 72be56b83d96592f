package engine

import "testing"

// TestMemoryGrowsInPlace has a view of a memory that grows, as a thread has that
// waits in a call.
func TestMemoryGrowsInPlace(t *testing.T) {
	const page = 1 << 16
	m, err := reserve(4 * page)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	view := m.Reallocate(page)
	view[page-1] = 1
	grown := m.Reallocate(4 * page)
	if len(grown) != 4*page || &grown[0] != &view[0] || grown[page-1] != 1 || grown[4*page-1] != 0 {
		t.Errorf("%d bytes, which are not those from before and zeros", len(grown))
	}
	if m.Reallocate(5*page) != nil {
		t.Error("it grows beyond its limit")
	}
}

func TestEmptyMemory(t *testing.T) {
	m, err := reserve(0)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	if b := m.Reallocate(0); len(b) != 0 {
		t.Errorf("it has %d bytes", len(b))
	}
}
