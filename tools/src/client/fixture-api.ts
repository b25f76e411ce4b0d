/** A small OpenAPI document with what ours has: parameters, bodies, a problem answer, nullable fields. */
export const FIXTURE_API = {
  openapi: '3.1.0',
  info: { title: 'Fixture', version: '1' },
  paths: {
    '/api/v1/users/{id}': {
      get: {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: { description: 'The user', content: { 'application/json': { schema: ref('User') } } },
          404: { description: 'None', content: { 'application/problem+json': { schema: ref('Problem') } } },
        },
      },
    },
    '/api/v1/auth/login/json': {
      post: {
        requestBody: { required: true, content: { 'application/json': { schema: ref('LoginBody') } } },
        responses: { 200: { description: 'In', content: { 'application/json': { schema: ref('User') } } } },
      },
    },
  },
  components: {
    schemas: {
      User: object({ username: { type: 'string' }, bio: { type: ['string', 'null'] } }),
      LoginBody: object({ username_or_email: { type: 'string' }, password: { type: 'string' } }),
      Problem: object({ type: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } }),
    },
  },
}

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

function object(properties: object) {
  return { type: 'object', required: Object.keys(properties), properties }
}
