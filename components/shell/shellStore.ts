import { createStore } from "zustand/vanilla"

/** What of the frame around the pages is open, and the reader's choice about single-letter keys. */
export type ShellState = { goTo: boolean; keys: boolean; singleKeys: boolean }

export const shell = createStore<ShellState>(() => ({ goTo: false, keys: false, singleKeys: true }))

const SINGLE_KEYS = "turnline_single_keys"

/** Reads the choice that an earlier visit left; called once the page is mounted. */
export function readSingleKeys(): void {
  try {
    shell.setState({ singleKeys: localStorage.getItem(SINGLE_KEYS) !== "off" })
  } catch {
    // Storage may be forbidden; the keys then stay on.
  }
}

/** Switches single-letter keys on or off, for this browser. */
export function setSingleKeys(on: boolean): void {
  shell.setState({ singleKeys: on })
  try {
    localStorage.setItem(SINGLE_KEYS, on ? "on" : "off")
  } catch {
    // The choice then holds until the page is left.
  }
}
