package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// pipIndexes returns the indexes that pip would ask, in its order: those of its
// environment variables and configuration files, else the default.
// See "Configuration" in pip's user guide.
func pipIndexes() ([]string, error) {
	settings := map[string]string{}
	for _, file := range pipConfigFiles() {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = readPipConfig(data, settings)
		}
		if err != nil {
			return nil, fmt.Errorf("pip's configuration %s: %w", file, err)
		}
	}
	for _, key := range []string{"index-url", "extra-index-url", "no-index"} {
		if v := os.Getenv("PIP_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))); v != "" {
			settings[key] = v
		}
	}
	if slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(settings["no-index"])) {
		return nil, errors.New("pip is configured to use no index (no-index)")
	}
	indexes := strings.Fields(settings["index-url"])
	if len(indexes) == 0 {
		index, err := defaultIndex()
		if err != nil {
			return nil, err
		}
		indexes = []string{index}
	}
	indexes = append(indexes, strings.Fields(settings["extra-index-url"])...)
	for _, index := range indexes {
		if err := checkURL(index); err != nil {
			return nil, fmt.Errorf("pip's index: %w", err)
		}
	}
	return indexes, nil
}

// readPipConfig adds the settings that count for downloads to settings.
func readPipConfig(data []byte, settings map[string]string) error {
	f, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreInlineComment:        true,
		SpaceBeforeInlineComment:   true,
		SkipUnrecognizableLines:    true,
		Insensitive:                true,
	}, data)
	if err != nil {
		return err
	}
	for _, section := range []string{"global", "install", "download"} {
		for key, value := range f.Section(section).KeysHash() {
			settings[strings.ReplaceAll(key, "_", "-")] = value
		}
	}
	return nil
}

// pipConfigFiles returns the files that pip reads, later ones overriding
// earlier ones. Many of them may not exist.
func pipConfigFiles() []string {
	last := os.Getenv("PIP_CONFIG_FILE")
	if last == os.DevNull {
		return nil // this is how pip is told to read none
	}
	home, _ := os.UserHomeDir()
	var files []string
	switch runtime.GOOS {
	case "windows":
		files = []string{
			filepath.Join(os.Getenv("ProgramData"), "pip", "pip.ini"),
			filepath.Join(home, "pip", "pip.ini"),
			filepath.Join(os.Getenv("APPDATA"), "pip", "pip.ini"),
			filepath.Join(os.Getenv("VIRTUAL_ENV"), "pip.ini"),
		}
	default:
		for _, dir := range slices.Backward(filepath.SplitList(envOr("XDG_CONFIG_DIRS", "/etc/xdg"))) {
			files = append(files, filepath.Join(dir, "pip", "pip.conf"))
		}
		files = append(files,
			"/Library/Application Support/pip/pip.conf",
			"/etc/pip.conf",
			filepath.Join(home, ".pip", "pip.conf"),
			filepath.Join(home, "Library", "Application Support", "pip", "pip.conf"),
			filepath.Join(envOr("XDG_CONFIG_HOME", filepath.Join(home, ".config")), "pip", "pip.conf"),
			filepath.Join(os.Getenv("VIRTUAL_ENV"), "pip.conf"))
	}
	if last != "" {
		files = append(files, last)
	}
	return slices.DeleteFunc(files, func(f string) bool { return !filepath.IsAbs(f) })
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
