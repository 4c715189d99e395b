import { RunsPage } from "@/components/runs/RunsPage"

export default function Page() {
  return <RunsPage />
}
