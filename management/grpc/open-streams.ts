/** Streams under way: they would go on for ever, so a shutdown ends them. */
import {
  status as Code,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';

export class OpenStreams {
  readonly #calls = new Set<ServerInterceptingCallInterface>();

  /** Watches calls whose answer is a stream. */
  readonly interceptor: ServerInterceptor = (method, call) => {
    if (!method.responseStream) return new ServerInterceptingCall(call);
    this.#calls.add(call);
    const cancelled = new ServerListenerBuilder().withOnCancel(() => this.#calls.delete(call)).build();
    return new ServerInterceptingCall(call, {
      start: (next) => next(cancelled),
      sendStatus: (status, next) => {
        this.#calls.delete(call);
        next(status);
      },
    });
  };

  get size(): number {
    return this.#calls.size;
  }

  /** Tells every client that it had better reconnect, elsewhere or later. */
  endAll(): void {
    for (const call of this.#calls) {
      call.sendStatus({ code: Code.UNAVAILABLE, details: 'the server is shutting down', metadata: null });
    }
    this.#calls.clear();
  }
}
