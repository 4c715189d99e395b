import { RunPage } from "@/components/run/RunPage"

export default async function Page({ params }: { params: Promise<{ runId: string }> }) {
  const { runId } = await params
  // The router passes the segment percent-encoded.
  return <RunPage runId={decodeSegment(runId)} />
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
