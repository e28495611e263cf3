package pages_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every name that users can call is documented, and a name in brackets in the documentation
// is a link: go doc leaves the brackets around what leads nowhere.
func TestDocumentation(t *testing.T) {
	dead := regexp.MustCompile(`\[[A-Za-z][A-Za-z.]*\]`)
	for _, folder := range folders {
		p := documentation(t, folder)
		assert.NotEmpty(t, p.Doc, folder)
		read := func(name, text string) {
			assert.NotEmpty(t, text, "%s: %s has no documentation", folder, name)
			for _, code := range codeBlocks(p.Parser().Parse(text)) {
				checkCode(t, folder+": "+name, code)
			}
			for _, plain := range plainText(p.Parser().Parse(text)) {
				assert.NotRegexp(t, dead, plain, "%s: %s", folder, name)
			}
		}
		read("the package", p.Doc)
		functions := func(of []*doc.Func) {
			for _, f := range of {
				if f.Name != "Error" { // which every error has
					read(f.Recv+" "+f.Name, f.Doc)
				}
			}
		}
		values := func(of []*doc.Value) {
			for _, v := range of {
				readValues(v, read)
			}
		}
		functions(p.Funcs)
		values(append(p.Consts, p.Vars...))
		for _, typ := range p.Types {
			read(typ.Name, typ.Doc)
			if folder != "local/definition" { // whose fields are what AWS's templates call them
				readFields(typ, read)
			}
			functions(append(typ.Funcs, typ.Methods...))
			values(append(typ.Consts, typ.Vars...))
		}
	}
}

// documentation is that of the package in a folder.
func documentation(t *testing.T, folder string) *doc.Package {
	t.Helper()
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files(t, ".go") {
		if path.Dir(name) == folder && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments)
			require.NoError(t, err)
			parsed = append(parsed, file)
		}
	}
	p, err := doc.NewFromFiles(set, parsed, "github.com/lambridge-go/lambridge/"+folder)
	require.NoError(t, err)
	return p
}

// readValues reads what stands above a declaration of constants or variables, or above or
// behind each of them.
func readValues(v *doc.Value, read func(name, text string)) {
	for _, spec := range v.Decl.Specs {
		value := spec.(*ast.ValueSpec)
		text := v.Doc + value.Doc.Text() + value.Comment.Text()
		for _, name := range value.Names {
			if name.IsExported() {
				read(name.Name, text)
			}
		}
	}
}

// readFields reads what stands above or behind the exported fields of a struct and the
// methods of an interface, or what the documentation of the type says of them. That of an
// interface of one method is about the method.
func readFields(typ *doc.Type, read func(name, text string)) {
	for _, spec := range typ.Decl.Specs {
		var fields, methods *ast.FieldList
		switch of := spec.(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			fields = of.Fields
		case *ast.InterfaceType:
			fields, methods = of.Methods, of.Methods
		default:
			continue
		}
		text := "" // that of the fields above, which stand together
		for _, field := range fields.List {
			if own := field.Doc.Text() + field.Comment.Text(); own != "" {
				text = own
			}
			for _, name := range field.Names {
				ofType := strings.Contains(strings.ToLower(typ.Doc), strings.ToLower(name.Name)) || fields == methods && fields.NumFields() == 1
				if name.IsExported() && !ofType {
					read(typ.Name+"."+name.Name, text)
				}
			}
		}
	}
}

// codeBlocks are the pieces of code of a comment that stand by themselves.
func codeBlocks(d *comment.Doc) []string {
	var found []string
	for _, block := range d.Content {
		if code, ok := block.(*comment.Code); ok {
			found = append(found, code.Text)
		}
	}
	return found
}

// checkCode checks what a comment shows: that it is Go, if it looks like Go, and that there
// is what it names of our packages. "…" leaves something out.
func checkCode(t *testing.T, where, code string) {
	t.Helper()
	if strings.Contains(code, ":=") || strings.Contains(code, "func ") {
		whole := strings.ReplaceAll(code, "…", "")
		_, asFile := parser.ParseFile(token.NewFileSet(), "", "package p\n"+whole, 0)
		_, asStatements := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+whole+"\n}", 0)
		assert.True(t, asFile == nil || asStatements == nil, "%s: %v\n%s", where, asStatements, code)
	}
	for _, match := range regexp.MustCompile(`\b(\w+)\.([A-Z]\w*)`).FindAllStringSubmatch(code, -1) {
		if ours, found := folders[match[1]]; found {
			assert.True(t, exportedBy(t, ours)[match[2]], "%s: there is no %s", where, match[0])
		}
	}
}

// plainText is what of a comment is no link and no code.
func plainText(d *comment.Doc) []string {
	var found []string
	texts := func(of []comment.Text) {
		for _, text := range of {
			if plain, ok := text.(comment.Plain); ok {
				found = append(found, string(plain))
			}
		}
	}
	var blocks func([]comment.Block)
	blocks = func(of []comment.Block) {
		for _, block := range of {
			switch block := block.(type) {
			case *comment.Paragraph:
				texts(block.Text)
			case *comment.List:
				for _, item := range block.Items {
					blocks(item.Content)
				}
			}
		}
	}
	blocks(d.Content)
	return found
}
