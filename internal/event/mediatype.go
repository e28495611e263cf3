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
	if major == "text" || isTextType(mediaType) {
		return false
	}
	name, suffix := minor, ""
	if plus := strings.LastIndexByte(minor, '+'); plus >= 0 {
		name, suffix = minor[:plus], minor[plus+1:]
	}
	if major == "application" && name == "grpc-web-text" {
		return false
	}
	if major == "application" && isProtocol(name) {
		return true // whatever it carries: the messages have frames around them
	}
	switch suffix {
	case "json", "xml", "yaml", "json-seq", "jwt":
		return false
	}
	if isBinarySuffix(suffix) {
		return true
	}
	switch major {
	case "image", "audio", "video", "font":
		return true
	case "application":
		// Vendors' types count as binary unless they are known to be text.
		return strings.HasPrefix(minor, "vnd.") || isBinaryApplication(minor)
	}
	return false
}

// isTextType knows the types that are text although those around them are not:
// playlists, which are UTF-8 by definition (RFC 8216, section 4) or by custom, documents
// of vendors, bitmaps in the C language.
func isTextType(mediaType string) bool {
	switch mediaType {
	case "audio/mpegurl", "audio/x-mpegurl", "application/mpegurl", "application/x-mpegurl", "application/vnd.apple.mpegurl",
		"audio/x-scpls", "application/vnd.ms-wpl", "video/vnd.mpegurl",
		"application/vnd.yaml", "application/vnd.oai.openapi", "application/vnd.wap.wmlscript",
		"image/x-xbitmap", "image/x-xpixmap":
		return true
	}
	return false
}

// isProtocol knows the protocols that frame their messages in bytes: those of gRPC
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) and Connect
// (https://connectrpc.com/docs/protocol/). That grpc-web-text is text is its point.
func isProtocol(name string) bool {
	switch name {
	case "grpc", "grpc-web", "connect", "proto", "protobuf", "x-protobuf", "x-google-protobuf":
		return true
	}
	return false
}

func isBinarySuffix(suffix string) bool {
	switch suffix {
	case "ber", "cbor", "cbor-seq", "cose", "cwt", "der", "fastinfoset", "gzip", "msgpack", "proto", "protobuf",
		"sqlite3", "tlv", "wbxml", "zip", "zstd":
		return true
	}
	return false
}

// isBinaryApplication knows the application types that are no text.
func isBinaryApplication(minor string) bool {
	switch minor {
	case "octet-stream", "x-binary", "pdf", "wasm", "msword", "dicom", "mp4", "mp21", "ogg", "x-shockwave-flash",
		// Data.
		"avro", "x-avro", "bson", "cbor", "cbor-seq", "cose", "flatbuffers", "x-flatbuffers", "x-jackson-smile", "msgpack", "x-msgpack",
		"x-thrift", "thrift", "x-sqlite3", "x-hdf", "x-hdf5", "x-netcdf", "x-parquet",
		// Archives and compressed data.
		"zip", "x-zip", "x-zip-compressed", "gzip", "x-gzip", "gzip-compressed", "x-tar", "x-gtar", "x-bzip", "x-bzip2", "x-xz", "x-lzma", "x-compress",
		"x-7z-compressed", "x-rar-compressed", "zstd", "x-zstd", "zlib", "x-brotli", "x-cpio",
		// Programs and images of disks.
		"java-archive", "java-vm", "java-serialized-object", "x-java-archive", "x-executable", "x-elf", "x-mach-binary", "x-msdownload", "x-sharedlib",
		"x-debian-package", "x-rpm", "x-redhat-package-manager", "x-apple-diskimage", "x-iso9660-image", "x-ms-installer", "x-msi",
		// Keys, signatures and what is asked about them, in DER.
		"pkcs7-mime", "pkcs7-signature", "pkcs8", "pkcs10", "pkcs12", "x-pkcs12", "pkix-cert", "pkix-crl", "pkix-pkipath", "ocsp-request", "ocsp-response",
		"timestamp-query", "timestamp-reply",
		// Protocols of single messages.
		"dns-message", "oblivious-dns-message", "ohttp-req", "ohttp-res",
		// Fonts.
		"x-font-ttf", "x-font-otf", "x-font-woff", "font-woff", "font-woff2", "font-sfnt":
		return true
	}
	return false
}
