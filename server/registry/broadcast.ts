import type { RegistryListener } from "./RegistryEvents"

/** Combines listeners into one that calls each, in order. */
export function broadcast(...listeners: readonly RegistryListener[]): RegistryListener {
  return {
    turnsStored: (stored) => {
      for (const listener of listeners) listener.turnsStored(stored)
    },
    follows: (run_id) => listeners.some((listener) => listener.follows(run_id)),
    runChanged: (run) => {
      for (const listener of listeners) listener.runChanged(run)
    },
    progressChanged: (run, progress) => {
      for (const listener of listeners) listener.progressChanged(run, progress)
    },
    runEnded: (run, termination) => {
      for (const listener of listeners) listener.runEnded(run, termination)
    },
    runDeleted: (run_id) => {
      for (const listener of listeners) listener.runDeleted(run_id)
    },
  }
}
