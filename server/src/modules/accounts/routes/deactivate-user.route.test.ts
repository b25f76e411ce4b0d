import { testClosingRoute, testStandingRoute } from '../../../testing/standing-routes.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /users/{id}/deactivate', {}, (on) => {
  testStandingRoute(on, 'deactivate')
  testClosingRoute(on, 'deactivate')
})
