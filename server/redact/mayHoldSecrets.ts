// Each alternative starts at its rarest character and uses lookahead and lookbehind from there, because patterns that
// start with a letter take several times as long.
const FORMS =
  /[_-](?=[A-Za-z0-9+/=_-]{10})(?<=gh[pousr]_|github_pat_|[srp]k_(?:live|test)_|whsec_|npm_(?=[A-Za-z0-9]{36})|hf_(?=[A-Za-z0-9]{30})|tl_(?=[0-9a-z]{8,32}_)|gl[a-z]{2,4}-|xox[abeoprs]-|xapp-|sk-(?=[A-Za-z0-9_-]{16})|pypi-)|K(?=IA)(?<=AK)|S(?=IA)(?<=AS)|z(?=a)(?<=AIz)|J(?<=eyJ)|9(?=\.)(?<=ya29)|k(?=s\.slack\.com)(?<=hook)/
// The flag `u` is needed for Unicode case folding, because names are compared in lower case.
const NAMES =
  /k(?:en(?!s)(?<=token)|ie(?<=cookie)|ey(?<=(?:api|access|private|signing|encryption)[^a-z0-9]{0,3}key))|p(?:wd|ass(?:w|phrase|code|=))|z(?<=authoriz)|c(?:ret(?<=secret)|redential)|jwt|bearer|=(?<=(?:sig|signature|auth)=)|v(?=ate key)(?<=priv)/iu
const IN_ADDRESS = /:\/\/[^\s/@:"'\\]{0,256}:[^\s/@"'\\]{1,256}@/

/**
 * A cheap pre-filter for `hideSecrets` and for secret names in JSON: false positives are possible, false negatives
 * aren't.
 */
export function mayHoldSecrets(text: string): boolean {
  return FORMS.test(text) || NAMES.test(text) || (text.includes("://") && IN_ADDRESS.test(text))
}
