import { Type } from 'typebox'
import { userPublic } from './accounts.ts'
import { listQueryWith, pageOf, record, success, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** An id or a username. */
const idOrName = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

/** That one member follows another. */
export const follow = record('Follow', {
  follower_id: uuid,
  following_id: uuid,
  is_accepted: Type.Boolean({ description: 'False while a private profile has not accepted yet.' }),
  is_mutual: Type.Boolean(),
})

/** Somebody who asks to follow a private profile. */
export const followRequest = record('FollowRequest', { follower: userPublic })

const list = {
  query: listQueryWith({}),
  params: idOrName,
  responses: { 200: pageOf(userPublic) },
  errors: ['accounts.user_not_found', 'accounts.cursor_invalid'],
} as const

const blockState = Type.Object({ is_blocked: Type.Boolean() }, { title: 'BlockState' })
const muteState = Type.Object({ is_muted: Type.Boolean() }, { title: 'MuteState' })

const onMember = { params: idOrName, errors: ['accounts.user_not_found'] } as const
const againstMember = {
  params: idOrName,
  responses: { 200: success },
  errors: ['accounts.user_not_found', 'accounts.not_yourself'],
} as const

/** What members are to each other: following, blocking, muting. */
export const relationsContract = defineContract({
  listFollowers: {
    method: 'GET',
    path: '/users/{id}/followers',
    summary: 'List who follows a member',
    ...list,
  },
  listFollowing: {
    method: 'GET',
    path: '/users/{id}/following',
    summary: 'List whom a member follows',
    ...list,
  },
  follow: {
    method: 'POST',
    path: '/users/{id}/follow',
    summary: 'Follow a member; a private profile accepts by hand',
    params: idOrName,
    responses: { 200: follow },
    errors: [
      'accounts.user_not_found',
      'accounts.not_yourself',
      'accounts.already_following',
      'accounts.follow_refused',
    ],
  },
  unfollow: {
    method: 'DELETE',
    path: '/users/{id}/follow',
    summary: 'Stop following a member, or take back the request',
    params: idOrName,
    responses: { 200: success },
    errors: ['accounts.user_not_found', 'accounts.not_following'],
  },
  listFollowRequests: {
    method: 'GET',
    path: '/users/me/follow-requests',
    summary: 'List who asks to follow you, newest first',
    query: listQueryWith({}),
    responses: { 200: pageOf(followRequest) },
    errors: ['accounts.cursor_invalid'],
  },
  acceptFollowRequest: {
    method: 'POST',
    path: '/users/me/follow-requests/{id}/accept',
    summary: 'Let somebody follow you',
    params: Type.Object({ id: uuid }),
    responses: { 200: follow },
    errors: ['accounts.follow_request_not_found'],
  },
  declineFollowRequest: {
    method: 'DELETE',
    path: '/users/me/follow-requests/{id}',
    summary: 'Decline a request to follow you',
    params: Type.Object({ id: uuid }),
    responses: { 200: success },
    errors: ['accounts.follow_request_not_found'],
  },
  getBlock: {
    method: 'GET',
    path: '/users/{id}/block',
    summary: 'Read whether you block a member',
    responses: { 200: blockState },
    ...onMember,
  },
  block: {
    method: 'POST',
    path: '/users/{id}/block',
    summary: 'Block a member: neither follows the other, and they cannot follow you again',
    ...againstMember,
  },
  unblock: {
    method: 'DELETE',
    path: '/users/{id}/block',
    summary: 'Stop blocking a member',
    ...againstMember,
  },
  getMute: {
    method: 'GET',
    path: '/users/{id}/mute',
    summary: 'Read whether you mute a member',
    responses: { 200: muteState },
    ...onMember,
  },
  mute: {
    method: 'POST',
    path: '/users/{id}/mute',
    summary: 'Mute a member: you see nothing of them, and they do not notice',
    ...againstMember,
  },
  unmute: { method: 'DELETE', path: '/users/{id}/mute', summary: 'Stop muting a member', ...againstMember },
})
