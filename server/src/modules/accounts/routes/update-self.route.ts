import { usersContract } from '@outcry/contract/users'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../users/user.view.ts'
import { assertWebAddresses } from './web-address.ts'

/** Changes the caller's own profile, and nothing but the profile. */
export const updateSelfRoute = defineRoute(usersContract.updateSelf, {
  access: 'signed-in',
  limit: 'default',
  scope: 'account:write',
  async handle({ actor, body }, { updateProfile }: AccountsServices) {
    const { display_name, full_name, bio, location, is_private: isPrivate } = body
    const { avatar_url, cover_image_url, website_url } = body
    assertWebAddresses({ avatar_url, cover_image_url, website_url })
    const user = await updateProfile(actor.id, {
      displayName: display_name === undefined ? full_name : display_name,
      bio,
      avatarUrl: avatar_url,
      coverImageUrl: cover_image_url,
      websiteUrl: website_url,
      location,
      isPrivate,
    })
    return viewUserFull(user)
  },
})
