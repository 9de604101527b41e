/** What a text is in place of a private key, as the end of a sentence, and what to do. */
export interface Found {
  readonly is: string;
  readonly hint: string;
}

/** What a text is that is no PEM at all, or PEM that no private key is in; the first that fits. */
const KINDS: readonly (Found & { readonly fits: (text: string) => boolean })[] = [
  {
    fits: (text) => text.trim() === "",
    is: "is empty",
    hint: "set it from the file: … sitefleet:secrets.NAME < FILE",
  },
  {
    fits: (text) => text.charCodeAt(0) === 0xfeff || text.startsWith("\u00ef\u00bb\u00bf"),
    is: "begins with a byte order mark, which an editor has put there",
    hint: "save it as UTF-8 without a byte order mark",
  },
  {
    fits: (text) => text.includes("\0") || text.includes("\ufffd"),
    is: "is binary, or text of another encoding (UTF-16, DER, PKCS#12)",
    hint: "save the key as plain text, as ssh-keygen writes it",
  },
  {
    fits: (text) => /^[\s"']*PuTTY-User-Key-File-/.test(text),
    is: "is a PuTTY key (.ppk)",
    hint: "export it with PuTTYgen (Conversions → Export OpenSSH key), or puttygen FILE -O private-openssh",
  },
  {
    fits: (text) => /^[\s"']*(ssh|ecdsa|sk-\S+)-\S*-cert-v\d\d@openssh\.com\s/.test(text),
    is: "is an SSH certificate, not the key that it is for",
    hint: "set the private key: the file without -cert.pub in its name",
  },
  {
    fits: (text) =>
      /^[\s"']*(ssh-(rsa|dss|ed25519|ed448)|ecdsa-sha2-\S+|sk-\S+@openssh\.com)\s+AAAA/.test(text) ||
      /-----BEGIN (RSA |SSH2? )?PUBLIC KEY-----|---- BEGIN SSH2 PUBLIC KEY ----/.test(text),
    is: "is the public half of a key",
    hint: "set the private half: the file without .pub in its name",
  },
  {
    fits: (text) => /^[\s"']*(SHA256:[\w+/]{20,}|MD5:|([0-9a-f]{2}:){15}[0-9a-f]{2})/i.test(text),
    is: "is the fingerprint of a key",
    hint: "set the key itself, the whole file",
  },
  {
    fits: (text) => /-----BEGIN PGP /.test(text),
    is: "is a PGP key",
    hint: "ssh needs a key of its own: ssh-keygen -t ed25519 -N '' -f FILE",
  },
  {
    fits: (text) => /-----BEGIN (X509 |TRUSTED )?CERTIFICATE( REQUEST)?-----/.test(text),
    is: "is a certificate for TLS",
    hint: "ssh needs a key of its own: ssh-keygen -t ed25519 -N '' -f FILE",
  },
  {
    fits: (text) => /-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text),
    is: "is protected by a passphrase",
    hint: "take the passphrase off a copy (ssh-keygen -p -N '' -f COPY): a run cannot type it",
  },
  {
    fits: (text) => /-----BEGIN DSA PRIVATE KEY-----/.test(text),
    is: "is a DSA key, which hosts do not take any more",
    hint: "make another: ssh-keygen -t ed25519 -N '' -f FILE",
  },
  {
    fits: (text) => /^\s*[{[]/.test(text),
    is: "is JSON",
    hint: "set the key alone, as ssh-keygen writes it",
  },
  {
    fits: (text) => /^\s*["'`]/.test(text) && text.includes("-----BEGIN"),
    is: "stands in quotation marks",
    hint: "set it without them",
  },
  {
    fits: (text) => text.includes("-----BEGIN") && /\\n/.test(text),
    is: "has \\n in place of its line breaks",
    hint: "set it from the file, not from a line of text",
  },
  {
    fits: (text) => /-----BEGIN [A-Z0-9 ]+-----[^\n]/.test(text) || (/-----BEGIN/.test(text) && text.includes("\r")),
    is: "has lost its line breaks",
    hint: "set it from the file, not through a field of one line",
  },
  {
    fits: (text) => /^[^\n]*\S[^\n]*\n[\s\S]*-----BEGIN [A-Z0-9 ]+-----/.test(text) && !text.startsWith("-----BEGIN"),
    is: "has text before its first line",
    hint: "keep the one key, from -----BEGIN to -----END",
  },
  {
    fits: (text) => /^\s+-----BEGIN/.test(text) || (text.startsWith("-----BEGIN") && /\n[ \t]+\S/.test(text)),
    is: "has spaces or empty lines before its lines",
    hint: "set it from the file: ssh takes no indentation",
  },
  {
    fits: (text) => /^[\u2012-\u2015-]+ ?BEGIN/.test(text) && !text.startsWith("-----BEGIN "),
    is: "has other dashes than -----BEGIN …----- has",
    hint: "copy it as plain text: an editor has changed them",
  },
  {
    fits: (text) => /^\s*LS0tLS1CRUdJTi/.test(text),
    is: "is encoded once more (base64)",
    hint: "decode it: base64 -d",
  },
  {
    fits: (text) => /^\s*(~|\.{0,2}\/|[A-Za-z]:\\)[^\n]*$/.test(text),
    is: "is the name of a file",
    hint: "set the file's content: … < FILE",
  },
  {
    fits: (text) => /-----END [A-Z0-9 ]+-----/.test(text) && !text.includes("-----BEGIN"),
    is: "is cut off: its first line (-----BEGIN …-----) is missing",
    hint: "copy the whole file again, from its first line to its last",
  },
  {
    fits: (text) => !/^-----BEGIN [A-Z0-9 ]+-----$/m.test(text.split("\n", 1)[0] ?? ""),
    is: "is no key: it does not begin with -----BEGIN …-----",
    hint: "set the private key as ssh-keygen writes it, the whole file",
  },
];

/** What a text is, when that is nothing that could be a private key; undefined when it begins like one. Pure. */
export function foreign(text: string): Found | undefined {
  const found = KINDS.find(({ fits }) => fits(text));
  return found && { is: found.is, hint: found.hint };
}
