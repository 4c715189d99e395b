import { liveAsAnalyst } from "@/demo/agents/analyst"
import { CI_JOBS, liveAsCi } from "@/demo/agents/ci"
import { liveAsCoder } from "@/demo/agents/coder"
import { liveAsConductor } from "@/demo/agents/conductor"
import { liveAsNightly } from "@/demo/agents/nightly"
import { liveAsResearcher } from "@/demo/agents/researcher"
import { liveAsSupport, liveAsTriage } from "@/demo/agents/support"
import { TROUBLED } from "@/demo/agents/troubled"
import { liveAsWatcher } from "@/demo/agents/watcher"
import { liveAsWriter } from "@/demo/agents/writer"
import { Cast, type World } from "./Cast"
import { MODELS } from "./models"

export type Size = "small" | "large"

/** Runs a fleet until the pace stops; resolves when every agent has disconnected. All agents are named `demo/*`. */
export async function liveAsFleet(world: World, size: Size): Promise<void> {
  await Promise.all([...smallFleet(world), ...(size === "large" ? largeFleet(world) : [])])
}

function smallFleet(world: World): Promise<void>[] {
  return [
    liveAsCoder(new Cast(world, "demo/code/fixer", "Fixer", MODELS.coder)),
    liveAsResearcher(new Cast(world, "demo/research/desk", "Research desk", MODELS.large)),
    liveAsSupport(new Cast(world, "demo/support/ada", "Ada", MODELS.swift)),
  ]
}

function largeFleet(world: World): Promise<void>[] {
  const { small, swift, large, coder } = MODELS
  return [
    ...["kai", "lou", "mika"].map((name) =>
      liveAsCoder(new Cast(world, `demo/code/${name}`, `Coder ${name}`, coder)),
    ),
    ...["bo", "cy", "dee"].map((name) =>
      liveAsTriage(new Cast(world, `demo/support/${name}`, `Triage ${name}`, swift)),
    ),
    ...["essay", "column"].map((name) =>
      liveAsWriter(new Cast(world, `demo/writing/${name}`, `Writer of the ${name}`, large)),
    ),
    ...["copy", "mirror"].map((name) =>
      liveAsNightly(new Cast(world, `demo/ops/${name}`, `Nightly ${name}`, small)),
    ),
    liveAsResearcher(new Cast(world, "demo/research/night-desk", "Night desk", large)),
    liveAsConductor(new Cast(world, "demo/release/conductor", "Conductor", large)),
    ...Object.values(TROUBLED).map(({ id, name, live }) => live(new Cast(world, id, name, coder))),
    liveAsAnalyst(new Cast(world, "demo/data/analyst", "Analyst", large)),
    liveAsWatcher(new Cast(world, "demo/ops/watch", "Watch", small)),
    ...CI_JOBS.map((job) => liveAsCi(new Cast(world, `demo/ci/${job}`, `CI ${job}`, small), job)),
  ]
}
