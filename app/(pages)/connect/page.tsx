import { ConnectPage } from "@/components/connect/ConnectPage"

export default function Page() {
  return <ConnectPage />
}
