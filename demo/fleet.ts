import { Cast, type World } from "./Cast"
import { CI_JOBS, liveAsCi } from "./ci"
import { liveAsCoder } from "./coder"
import { liveAsConductor } from "./conductor"
import { MODELS } from "./models"
import { liveAsNightly } from "./nightly"
import { liveAsResearcher } from "./researcher"
import { liveAsSupport, liveAsTriage } from "./support"
import { liveAsWatcher } from "./watcher"
import { liveAsWriter } from "./writer"

export type Size = "small" | "large"

/** Lets a fleet live until the world's pace stops; resolves when every agent has said goodbye. */
export async function liveAsFleet(world: World, size: Size): Promise<void> {
  await Promise.all([...smallFleet(world), ...(size === "large" ? largeFleet(world) : [])])
}

function smallFleet(world: World): Promise<void>[] {
  return [
    liveAsCoder(new Cast(world, "code/fixer", "Fixer", MODELS.coder)),
    liveAsResearcher(new Cast(world, "research/desk", "Research desk", MODELS.large)),
    liveAsSupport(new Cast(world, "support/ada", "Ada", MODELS.swift)),
  ]
}

function largeFleet(world: World): Promise<void>[] {
  const { small, swift, large, coder } = MODELS
  return [
    ...["kai", "lou", "mika"].map((name) =>
      liveAsCoder(new Cast(world, `code/${name}`, `Coder ${name}`, coder)),
    ),
    ...["bo", "cy", "dee"].map((name) =>
      liveAsTriage(new Cast(world, `support/${name}`, `Triage ${name}`, swift)),
    ),
    ...["essay", "column"].map((name) =>
      liveAsWriter(new Cast(world, `writing/${name}`, `Writer of the ${name}`, large)),
    ),
    ...["copy", "mirror"].map((name) =>
      liveAsNightly(new Cast(world, `ops/${name}`, `Nightly ${name}`, small)),
    ),
    liveAsResearcher(new Cast(world, "research/night-desk", "Night desk", large)),
    liveAsConductor(new Cast(world, "release/conductor", "Conductor", large)),
    liveAsWatcher(new Cast(world, "ops/watch", "Watch", small)),
    ...CI_JOBS.map((job) => liveAsCi(new Cast(world, `ci/${job}`, `CI ${job}`, small), job)),
  ]
}
