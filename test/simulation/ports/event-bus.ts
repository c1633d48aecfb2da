/** The simulated bus of domain events: it notes what arrives, in the order of arrival. */
import type { CloudEvent } from '../../../model/domain-event.ts';
import type { EventBus } from '../../../storage/events/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 1_000;

export class EventBusServer extends Service {
  /** What was published, repeats included. */
  readonly published: CloudEvent[] = [];

  constructor(world: World) {
    super(world, 'bus', TIMEOUT_MS);
  }

  /** The bus as a process sees it. */
  handle(process: SimulatedProcess): Pick<EventBus, 'publish'> {
    return {
      publish: (events) =>
        this.ask(
          process,
          () => `publish ${events.map(({ id }) => id).join(', ')} of ${process.name}`,
          () => {
            this.published.push(...structuredClone(events));
          },
          true,
        ),
    };
  }
}
