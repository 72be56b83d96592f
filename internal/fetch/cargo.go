package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/osv-scalibr/veles/secrets/cratesioapitoken"
)

// cargo resolves package URLs through the registry that cargo is configured to
// use, or else through its default one.
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
	var downloads []string
	if index == "" {
		downloads, err = r.defaults(config)
	} else {
		downloads, err = r.ask(ctx, index)
	}
	var locations []location
	for _, dl := range downloads {
		locations = append(locations, location{url: crateURL(dl, p, sha256)})
	}
	return locations, err
}

// ask returns where the registry with the given index has its crates.
func (r *cargo) ask(ctx context.Context, index string) ([]string, error) {
	about := location{url: strings.TrimSuffix(index, "/") + "/config.json"}
	page, err := r.client.page(ctx, about, "application/json")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", about, err)
	}
	dl, err := parseRegistry(page.body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", about, err)
	}
	return []string{dl}, nil
}

// defaults returns where the default registry may have its crates: what cargo
// has kept of the descriptions of registries that it has used, and what a
// library knows, which tells it only as the address for another question.
func (r *cargo) defaults(config *cargoConfig) ([]string, error) {
	downloads := config.cachedDownloads()
	endpoint := cratesioapitoken.NewValidator().Endpoint
	const api = "/api/v1/crates"
	if i := strings.Index(endpoint, api+"/"); i >= 0 {
		downloads = append(downloads, endpoint[:i+len(api)])
	}
	if len(downloads) == 0 {
		return nil, errors.New("no registry of cargo is known: name one in cargo's config.toml ([source.crates-io] replace-with = ...)")
	}
	return downloads, nil
}

// parseRegistry returns where a registry has its crates, by its description, the
// config.json of its index. See "Index Format" in the Cargo book.
func parseRegistry(description []byte) (dl string, err error) {
	var d struct {
		DL string `json:"dl"`
	}
	if err := json.Unmarshal(description, &d); err != nil {
		return "", fmt.Errorf("the registry answers with bad JSON: %w", err)
	}
	if err := checkURL(d.DL); err != nil {
		return "", fmt.Errorf("dl of the registry: %w", err)
	}
	return d.DL, nil
}

// crateURL returns where a crate is, by the dl of a registry.
func crateURL(dl string, p purl, sha256 string) string {
	prefix := cratePrefix(p.name)
	filled := strings.NewReplacer(
		"{crate}", url.PathEscape(p.name),
		"{version}", url.PathEscape(p.version),
		"{prefix}", prefix,
		"{lowerprefix}", strings.ToLower(prefix),
		"{sha256-checksum}", sha256,
	).Replace(dl)
	if filled == dl {
		filled += "/" + url.PathEscape(p.name) + "/" + url.PathEscape(p.version) + "/download"
	}
	return filled
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
