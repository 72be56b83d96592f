package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// defaultCargoSource is cargo's name for its default registry.
const defaultCargoSource = "crates-io"

// A cargoConfig is what counts here of cargo's configuration.
// See "Configuration" and "Source Replacement" in the Cargo book.
type cargoConfig struct {
	home       string
	Source     map[string]cargoSource   `toml:"source"`
	Registries map[string]cargoRegistry `toml:"registries"`
}

type cargoSource struct {
	ReplaceWith string `toml:"replace-with"`
	Registry    string `toml:"registry"`
}

type cargoRegistry struct {
	Index string `toml:"index"`
}

// readCargoConfig reads the configuration of a project in dir: that of the
// user, overridden by those of the folders on the way to dir.
func readCargoConfig(dir string) (*cargoConfig, error) {
	config := &cargoConfig{home: os.Getenv("CARGO_HOME")}
	if config.home == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("cargo's configuration: %w", err)
		}
		config.home = filepath.Join(home, ".cargo")
	}
	dirs := []string{config.home}
	if abs, err := filepath.Abs(dir); dir != "" && err == nil {
		var up []string
		for ; ; abs = filepath.Dir(abs) {
			up = append([]string{filepath.Join(abs, ".cargo")}, up...)
			if abs == filepath.Dir(abs) {
				break
			}
		}
		dirs = append(dirs, up...)
	}
	for _, d := range dirs {
		for _, name := range []string{"config", "config.toml"} {
			file := filepath.Join(d, name)
			data, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = config.merge(data)
			}
			if err != nil {
				return nil, fmt.Errorf("cargo's configuration %s: %w", file, err)
			}
		}
	}
	return config, nil
}

// merge adds a file to c, overriding what it says about the same names.
func (c *cargoConfig) merge(data []byte) error {
	var more cargoConfig
	if err := toml.Unmarshal(data, &more); err != nil {
		return err
	}
	if c.Source == nil {
		c.Source, c.Registries = map[string]cargoSource{}, map[string]cargoRegistry{}
	}
	maps.Copy(c.Source, more.Source)
	maps.Copy(c.Registries, more.Registries)
	return nil
}

// index returns the URL of the index that replaces the default registry, or
// "" if none does.
func (c *cargoConfig) index() (string, error) {
	name, seen := defaultCargoSource, map[string]bool{}
	for c.Source[name].ReplaceWith != "" {
		if seen[name] {
			return "", fmt.Errorf("cargo's configuration: source %q is replaced by itself", name)
		}
		seen[name] = true
		name = c.Source[name].ReplaceWith
	}
	index := c.Source[name].Registry
	if index == "" {
		index = c.Registries[name].Index
	}
	if index == "" && name == defaultCargoSource {
		return "", nil
	}
	sparse, ok := strings.CutPrefix(index, "sparse+")
	if !ok {
		return "", fmt.Errorf("cargo's configuration: source %q is no sparse registry (sparse+https://...), which alone is supported", name)
	}
	if err := checkURL(sparse); err != nil {
		return "", fmt.Errorf("cargo's configuration: source %q: %w", name, err)
	}
	return sparse, nil
}

// cachedDownloads returns where the registries that cargo has used have their
// crates, by the descriptions that it keeps of them.
func (c *cargoConfig) cachedDownloads() []string {
	dir := filepath.Join(c.home, "registry", "index")
	indexes, err := os.ReadDir(dir)
	if err != nil {
		return nil // cargo was never used, or we may not look
	}
	var downloads []string
	for _, index := range indexes {
		data, err := os.ReadFile(filepath.Join(dir, index.Name(), "config.json"))
		if err != nil {
			continue
		}
		if dl, err := parseRegistry(data); err == nil {
			downloads = append(downloads, dl)
		}
	}
	return downloads
}
