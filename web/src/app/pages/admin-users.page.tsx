import { MembersAdmin } from '../../features/accounts/components/members-admin.tsx'
import { AdminFrame } from './admin-frame.tsx'

/** Everybody who has an account here. */
export function Page() {
  return (
    <AdminFrame title="Members">
      <MembersAdmin />
    </AdminFrame>
  )
}
