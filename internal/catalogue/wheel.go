package catalogue

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
)

// ChooseWheel returns which of the names of files is the wheel of the given
// version that the table is about: that for any platform, else that for CPython
// 3.13 on Linux. It is empty if there is none.
func ChooseWheel(version string, names []string) string {
	best, bestRank := "", 0
	for _, name := range names {
		stem, isWheel := strings.CutSuffix(name, ".whl")
		parts := strings.Split(stem, "-") // name, version, perhaps a build number, Python, ABI, platform
		if !isWheel || len(parts) < 5 || parts[1] != version {
			continue
		}
		python, platform := parts[len(parts)-3], parts[len(parts)-1]
		rank := 0
		switch {
		case platform == "any" && strings.Contains(python, "py3"):
			rank = 3
		case !strings.Contains(platform, "x86_64") || !strings.Contains(platform, "manylinux"):
		case python == "cp313":
			rank = 2
		case strings.HasPrefix(python, "cp3") && parts[len(parts)-2] == "abi3":
			rank = 1
		}
		if rank > bestRank {
			best, bestRank = name, rank
		}
	}
	return best
}

// WheelSize returns the size of all files in a wheel, unpacked.
func WheelSize(r io.ReaderAt, size int64) (int64, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return 0, fmt.Errorf("the wheel cannot be read: %w", err)
	}
	total := int64(0)
	for _, f := range archive.File {
		n := f.UncompressedSize64
		if n > 1<<40 {
			return 0, fmt.Errorf("the wheel cannot be read: %s would have %d bytes", f.Name, n)
		}
		total += int64(n)
	}
	return total, nil
}
