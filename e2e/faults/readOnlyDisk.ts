import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { ONE_AT_A_TIME, probeServer, type ServerProbe, unavailableOf } from "./probeServer"

/** A disk image that an injected error makes read-only while it is in use. */
export type LoopDisk = { path: string; fail(): void; repair(): void; remove(): void }

const MIB = 1024 * 1024

function must(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`)
  return stdout.trim()
}

/** Whether disk images can be mounted here, which requires root, Linux and some tools. */
export function canLoop(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false
  return spawnSync("losetup", ["-f"]).status === 0 && spawnSync("mkfs.ext4", ["-V"]).status === 0
}

/**
 * Creates and mounts a disk image of this many MiB. The image becomes read-only on the first error, as disks of
 * servers usually do.
 */
export function makeLoopDisk(mebibytes: number): LoopDisk {
  const folder = mkdtempSync(join(tmpdir(), "turnline-loop-"))
  const [image, path] = [join(folder, "image"), join(folder, "mounted")]
  writeFileSync(image, "")
  truncateSync(image, mebibytes * MIB)
  must("mkfs.ext4", "-q", "-F", image)
  must("mkdir", path)
  const device = must("losetup", "-f", "--show", image)
  const mount = () => must("mount", "-o", "errors=remount-ro", device, path)
  mount()
  must("chmod", "0700", path)
  return {
    path,
    // Simulates what the kernel does when it finds damaged file system metadata.
    fail: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "made for a test"),
    repair() {
      must("umount", path)
      // Exit code 1 means that errors were corrected.
      const { status, stderr } = spawnSync("e2fsck", ["-f", "-y", device], { encoding: "utf8" })
      if (status === null || status > 1) throw new Error(`e2fsck: ${stderr}`)
      mount()
    },
    remove() {
      spawnSync("umount", ["-l", path])
      spawnSync("losetup", ["-d", device])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type ReadOnlyReport = CheckReport &
  ServerProbe & {
    /** Batches refused in the meantime. */
    unavailable: number
    ackedMeanwhile: number
  }

/**
 * Fails the disk while no flush is pending. If ext4 becomes read-only during a flush, it reports the flush as
 * successful without executing it, which no program can detect.
 */
function failBetweenFlushes({ pid }: Target, disk: LoopDisk): void {
  process.kill(pid, "SIGSTOP")
  try {
    must("sync", "-f", disk.path)
    disk.fail()
  } finally {
    process.kill(pid, "SIGCONT")
  }
}

/** Makes the disk read-only under a busy server, checks its replies, and restarts it on the repaired disk. */
export async function readOnlyDisk(options: {
  target: Target
  disk: LoopDisk
  random: SeededRandom
}): Promise<ReadOnlyReport> {
  const { target, disk, random } = options
  const fleet = new Fleet({ target, random, agents: 5, viewers: 2, followChance: 1, plan: ONE_AT_A_TIME })
  fleet.start()
  try {
    await fleet.until("some turns are stored", () => fleet.acked > 200)
    failBetweenFlushes(target, disk)
    await waitUntil("batches are refused", () => unavailableOf(fleet) > 20)
    const atFailure = fleet.acked
    await waitUntil("more are refused", () => unavailableOf(fleet) > 60)
    const meanwhile = await probeServer(target, fleet)
    const ackedMeanwhile = fleet.acked - atFailure
    await target.crash()
    disk.repair()
    await target.restart()
    const acked = fleet.acked
    await fleet.until("writes resume", () => fleet.acked > acked)
    const report = await fleet.settle()
    return { ...report, ...meanwhile, ackedMeanwhile, unavailable: unavailableOf(fleet) }
  } finally {
    fleet.close()
  }
}
