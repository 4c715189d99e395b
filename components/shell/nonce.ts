declare global {
  // The name under which the primitives' scroll lock looks for the nonce of the style that it adds.
  var __webpack_nonce__: string | undefined
}

/** Hands the page's nonce to what adds styles at run time. The attribute is hidden from scripts, the property is not. */
export function adoptNonce(): void {
  const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce
  if (nonce) globalThis.__webpack_nonce__ = nonce
}
