package event

import "strings"

// isBinaryType reports whether a body of that type travels as base64 even if it could
// pass for text, so that the same resource always travels alike. Types that nothing is
// known of are not among them: their bytes decide.
//
// What is registered with IANA is looked up there, in the registries of media types and
// of structured syntax suffixes:
// https://www.iana.org/assignments/media-types/
// https://www.iana.org/assignments/media-type-structured-suffix/
func isBinaryType(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	major, minor, _ := strings.Cut(mediaType, "/")
	if major == "text" || mediaType == "application/json" || lists(textTypes, mediaType) {
		return false
	}
	name, suffix := minor, ""
	if plus := strings.LastIndexByte(minor, '+'); plus >= 0 {
		name, suffix = minor[:plus], minor[plus+1:]
	}
	if major == "application" && name == "grpc-web-text" {
		return false
	}
	if major == "application" && lists(protocols, name) {
		return true // whatever it carries: the messages have frames around them
	}
	switch {
	case suffix == "":
	case lists("json xml yaml json-seq jwt", suffix):
		return false
	case lists(binarySuffixes, suffix):
		return true
	}
	switch major {
	case "image", "audio", "video", "font":
		return true
	case "model":
		return lists(binaryModels, minor)
	case "application":
		// Vendors' types count as binary unless they are known to be text.
		return strings.HasPrefix(minor, "vnd.") || lists(binaryApplications, minor)
	}
	return false
}

// textTypes are text although those around them are not: playlists, which are UTF-8 by
// definition (RFC 8216, section 4) or by custom, documents of vendors, bitmaps in the C
// language.
const textTypes = "audio/mpegurl audio/x-mpegurl application/mpegurl application/x-mpegurl application/vnd.apple.mpegurl " +
	"audio/x-scpls application/vnd.ms-wpl video/vnd.mpegurl " +
	"application/vnd.yaml application/vnd.oai.openapi application/vnd.wap.wmlscript application/vnd.apache.thrift.json " +
	"application/vnd.cups-ppd application/vnd.curl application/vnd.dart application/vnd.sybyl.mol2 " +
	"image/x-xbitmap image/x-xpixmap"

// protocols frame their messages in bytes: those of gRPC
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) and Connect
// (https://connectrpc.com/docs/protocol/). That grpc-web-text is text is its point.
const protocols = "grpc grpc-web connect proto protobuf x-protobuf x-google-protobuf"

const binarySuffixes = "ber cbor cbor-seq cose cwt der fastinfoset gzip msgpack proto protobuf sqlite3 tlv wbxml zip zstd"

// binaryModels are the model types that are no text.
const binaryModels = "3mf gltf-binary jt prc u3d"

// binaryApplications are the application types that are no text.
const binaryApplications = "octet-stream x-binary pdf wasm msword dicom mp4 mp21 ogg x-shockwave-flash " +
	// Data.
	"avro x-avro bson cbor x-cbor x-amz-cbor-1.0 x-amz-cbor-1.1 cbor-seq cwt cose cose-key cose-key-set cose-x509 multipart-core " +
	"exi senml-exi sensml-exi fastinfoset ipfix flatbuffers x-flatbuffers x-jackson-smile msgpack x-msgpack " +
	"thrift x-thrift x-bittorrent x-sqlite3 x-hdf x-hdf5 x-netcdf x-parquet " +
	// Archives and compressed data.
	"zip x-zip x-zip-compressed gzip x-gzip gzip-compressed x-tar x-gtar x-tgz x-bzip x-bzip2 x-xz x-lzma x-lz4 x-compress " +
	"x-7z-compressed x-rar-compressed zstd x-zstd zlib x-brotli x-snappy-framed x-cpio " +
	// Programs and images of disks.
	"java-archive java-vm java-serialized-object x-java-archive x-executable x-elf x-mach-binary x-msdownload x-sharedlib " +
	"x-debian-package x-rpm x-redhat-package-manager x-apple-diskimage x-iso9660-image x-ms-installer x-msi " +
	// Keys, signatures and what is asked about them, in DER.
	"cms pkcs7-mime pkcs7-signature x-pkcs7-mime x-pkcs7-signature pkcs8 pkcs8-encrypted pkix-attr-cert rpki-manifest rpki-roa timestamped-data " +
	"pkcs10 pkcs12 x-pkcs12 pkix-cert pkix-crl pkix-pkipath ocsp-request ocsp-response " +
	"timestamp-query timestamp-reply " +
	// Protocols of single messages.
	"dns-message oblivious-dns-message ohttp-req ohttp-res " +
	// Fonts.
	"x-font-ttf x-font-otf x-font-woff font-woff font-woff2 font-sfnt"

// lists reports whether a name is one of a list's, which spaces separate.
func lists(list, name string) bool {
	for more := name != ""; more; {
		at := strings.Index(list, name)
		if at < 0 {
			return false
		}
		end := at + len(name)
		if (at == 0 || list[at-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return true
		}
		_, list, more = strings.Cut(list[end:], " ")
	}
	return false
}
