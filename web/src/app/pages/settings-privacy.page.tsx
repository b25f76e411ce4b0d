import { FollowRequests } from '../../features/accounts/components/follow-requests.tsx'
import { PrivacySettings } from '../../features/accounts/components/privacy-settings.tsx'
import { SettingsFrame } from './settings-frame.tsx'

/** Who sees what a member does. */
export function Page() {
  return (
    <SettingsFrame title="Privacy">
      <PrivacySettings />
      <FollowRequests />
    </SettingsFrame>
  )
}
