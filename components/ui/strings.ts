/** The text of controls that several pages use. */
export const strings = {
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "The browser didn't allow copying",
  ago: "ago",
}
