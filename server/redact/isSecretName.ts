/** Matches names whose values are secrets. Names are compared in lower case and without hyphens and underscores. */
const SECRET =
  /(?:password|passwd|passphrase|passcode|secret|secretkey|secretvalue|apikey|accesskey|secretaccesskey|privatekey|signingkey|encryptionkey|authorization|credentials?|cookie|passwords|secrets|apikeys|cookies|token|jwt)$/
const WHOLE = /^(?:pwd|dbpwd|passwordhash)$/
/** Matches names of tokens that aren't secrets: pagination cursors and units of text. */
const OTHER_TOKEN =
  /(?:next|previous|prev|page|pagination|continuation|continue|cursor|sync|resume|eos|bos|pad|unk|mask|sep|cls|stop|start|end|first|last|special|image|max|min|per|input|output)token$/
const MAX_CHARS = 128

/** Returns true if values with this name are secrets: `password`, `api_key`, `X-Auth-Token`. */
export function isSecretName(name: string): boolean {
  if (name.length > MAX_CHARS) return false
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "")
  if (WHOLE.test(plain)) return true
  return SECRET.test(plain) && !OTHER_TOKEN.test(plain)
}
