package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// cargo resolves package URLs through the registry that cargo is configured to
// use in place of its default one, or else through the default one, if this
// machine's cargo has ever used it: then it keeps the registry's description.
type cargo struct {
	client    *client
	workspace string
}

func (r *cargo) locate(ctx context.Context, p purl, sha256 string) ([]location, error) {
	config, err := readCargoConfig(r.workspace)
	if err != nil {
		return nil, err
	}
	index, err := config.index()
	if err != nil {
		return nil, err
	}
	var descriptions [][]byte
	if index == "" {
		descriptions = config.cachedDescriptions()
	} else {
		about := location{url: strings.TrimSuffix(index, "/") + "/config.json"}
		page, err := r.client.page(ctx, about, "application/json")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", about, err)
		}
		descriptions = [][]byte{page.body}
	}
	if len(descriptions) == 0 {
		return nil, errors.New("no registry of cargo is known: name one in cargo's config.toml " +
			"([source.crates-io] replace-with = ...), or let cargo use its own once (cargo info " + p.name + ")")
	}
	var locations []location
	for _, d := range descriptions {
		u, err := crateURL(d, p, sha256)
		if err != nil {
			return nil, fmt.Errorf("cargo's registry: config.json: %w", err)
		}
		locations = append(locations, location{url: u})
	}
	return locations, nil
}

// crateURL returns where a crate is, by the description of a registry, the
// config.json of its index. See "Index Format" in the Cargo book.
func crateURL(description []byte, p purl, sha256 string) (string, error) {
	var d struct {
		DL string `json:"dl"`
	}
	if err := json.Unmarshal(description, &d); err != nil {
		return "", err
	}
	if err := checkURL(d.DL); err != nil {
		return "", err
	}
	prefix := cratePrefix(p.name)
	filled := strings.NewReplacer(
		"{crate}", url.PathEscape(p.name),
		"{version}", url.PathEscape(p.version),
		"{prefix}", prefix,
		"{lowerprefix}", strings.ToLower(prefix),
		"{sha256-checksum}", sha256,
	).Replace(d.DL)
	if filled == d.DL {
		filled += "/" + url.PathEscape(p.name) + "/" + url.PathEscape(p.version) + "/download"
	}
	return filled, nil
}

// cratePrefix returns the folder of a crate in an index.
func cratePrefix(name string) string {
	switch n := url.PathEscape(name); len(n) {
	case 0:
		return ""
	case 1, 2:
		return fmt.Sprint(len(n))
	case 3:
		return "3/" + n[:1]
	default:
		return n[:2] + "/" + n[2:4]
	}
}
