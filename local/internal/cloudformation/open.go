package cloudformation

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// Open reads what a definition names: a file, or a folder that CDK (cdk.out) or the
// Serverless Framework (.serverless) has written. A file that is no template has no
// Stacks: its Root is then for others to read. The set is to be closed once
// everything has been evaluated.
func Open(path string, options Options) (*Set, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	p, err := openProject(abs, info.IsDir())
	if err != nil {
		return nil, err
	}
	s := &Set{
		options: options, project: p,
		byID: map[string]*Resource{}, names: map[*Resource]string{}, taken: map[string]bool{}, told: map[string]bool{},
	}
	if info.IsDir() {
		err = s.openFolder(abs)
	} else {
		err = s.openFile(abs)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close lets go of the project's folder.
func (s *Set) Close() { s.project.root.Close() }

// templateNames are what a folder's template is called if no tool has written it.
var templateNames = []string{"template.yaml", "template.yml", "template.json"}

const (
	cdkManifest        = "manifest.json"
	serverlessTemplate = "cloudformation-template-update-stack.json"
)

func (s *Set) openFolder(dir string) error {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	switch {
	case exists(cdkManifest):
		if err := s.openCDK(dir, 0); err != nil {
			return err
		}
		for _, stack := range append([]*Stack(nil), s.siblings...) {
			s.serve(stack)
		}
		s.checkParameters()
		return nil
	case exists(serverlessTemplate):
		return s.openFile(filepath.Join(dir, serverlessTemplate))
	}
	for _, name := range templateNames {
		if exists(name) {
			return s.openFile(filepath.Join(dir, name))
		}
	}
	return fmt.Errorf("%s: is a folder without %s, as CDK writes it, %s, as the Serverless Framework does, or a %s: name the file",
		shown(dir), cdkManifest, serverlessTemplate, templateNames[0])
}

// openFile reads a single file. One that CDK has written knows its siblings.
func (s *Set) openFile(path string) error {
	root, _, err := s.project.load("", path)
	if err != nil {
		return err
	}
	s.Root = root
	if root.Get("openapi") != nil || root.Get("swagger") != nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), cdkManifest)); err == nil {
		if err := s.openCDK(filepath.Dir(path), 0); err != nil {
			return err
		}
		for _, stack := range s.siblings {
			if stack.file == path {
				s.serve(stack)
				s.checkParameters()
				return nil
			}
		}
	}
	stack := &Stack{Dir: filepath.Dir(path), file: path, Name: s.serverlessName(filepath.Dir(path))}
	if err := s.add(stack, root); err != nil {
		return err
	}
	s.serve(stack)
	s.checkParameters()
	return nil
}

// serverlessName is the name of the stack that the Serverless Framework deploys from
// a folder, or "".
func (s *Set) serverlessName(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "serverless-state.json")); err != nil {
		return ""
	}
	state, _, err := s.project.load(dir, "serverless-state.json")
	if err != nil {
		return ""
	}
	provider := state.Find("service", "provider")
	if name := provider.Get("stackName").Value(); name != "" {
		return name
	}
	service, stage := state.Find("service", "service").Value(), provider.Get("stage").Value()
	if service == "" || stage == "" {
		return ""
	}
	return service + "-" + stage
}

// openCDK reads the stacks of a cloud assembly by its manifest.
//
// https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
func (s *Set) openCDK(dir string, depth int) error {
	manifest, _, err := s.project.load(dir, cdkManifest)
	if err != nil {
		return err
	}
	if depth > maxNesting {
		return fmt.Errorf("%s: assemblies nest more than %d deep", shown(dir), maxNesting)
	}
	for id, artifact := range manifest.Get("artifacts").All() {
		properties := artifact.Get("properties")
		switch artifact.Get("type").Value() {
		case "cdk:cloud-assembly":
			if err := s.openCDK(filepath.Join(dir, properties.Get("directoryName").Value()), depth+1); err != nil {
				return err
			}
		case "aws:cloudformation:stack":
			if err := s.openCDKStack(dir, id, artifact); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Set) openCDKStack(dir, id string, artifact *document.Node) error {
	properties := artifact.Get("properties")
	template, path, err := s.project.load(dir, properties.Get("templateFile").Value())
	if err != nil {
		return err
	}
	stack := &Stack{
		Dir: dir, file: path, Name: orElse(properties.Get("stackName").Value(), id), given: map[string]*document.Node{},
	}
	account, region, _ := strings.Cut(strings.TrimPrefix(artifact.Get("environment").Value(), "aws://"), "/")
	if !strings.HasPrefix(account, "unknown") {
		stack.account = account
	}
	if !strings.HasPrefix(region, "unknown") {
		stack.region = region
	}
	maps.Insert(stack.given, properties.Get("parameters").All())
	stack.assets, err = s.assetsOf(dir, strings.TrimSuffix(filepath.Base(path), ".template.json")+".assets.json")
	if err != nil {
		return err
	}
	if !template.Get("Resources").Is(document.Map) {
		return nil // CDK writes stacks without any
	}
	return s.add(stack, template)
}

// assets are the files and folders that CDK uploads, by their hash.
type assets map[string]string

// assetsOf reads an asset manifest. Not every stack has one.
func (s *Set) assetsOf(dir, name string) (assets, error) {
	if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
		return nil, nil
	}
	manifest, _, err := s.project.load(dir, name)
	if err != nil {
		return nil, err
	}
	found := assets{}
	for hash, file := range manifest.Get("files").All() {
		if path := file.Find("source", "path").Value(); path != "" {
			found[hash] = filepath.Join(dir, path)
		}
	}
	return found, nil
}
