/** Names of fields in requests about campaigns: the variants in which they are written become one. */
import { isObject } from '../../application/merge-patch.ts';
import { type Fields, type Names, named } from './field-names.ts';

export const CAMPAIGN_FIELDS: Names = {
  id: ['campaign_id', 'campana_id', 'id_campana'],
  nombre: ['campaign_name', 'name', 'nombre_campana'],
  id_marca: ['brand_id', 'marca', 'marca_id'],
  id_afiliado: ['afiliado', 'afiliado_id', 'partner_id'],
  tipo: ['campaign_type', 'tipo_campana', 'type'],
  objetivo: ['objective', 'objetivo_campana', 'objetivos'],
  presupuesto: ['budget', 'initial_budget', 'nuevo_presupuesto', 'presupuesto_inicial', 'presupuesto_total'],
  moneda: ['currency'],
  fecha_inicio: ['fecha_de_inicio', 'inicio', 'start_date', 'starts_at'],
  fecha_fin: ['end_date', 'ends_at', 'fecha_de_fin', 'fecha_finalizacion', 'fin'],
  url_destino: ['landing_page_url', 'pagina_destino'],
  costo: ['cost', 'coste'],
  motivo: ['razon', 'reason'],
};
const MONEY: Names = { monto: ['amount', 'cantidad', 'total', 'valor'], moneda: ['currency'] };
const COST: Names = { modelo: ['model', 'modelo_costo'], tarifa: ['rate'] };

/**
 * A body in which every field has the name that the documentation gives it. `null` stands for none, an amount alone
 * for money in the currency of the body, and a list of one objective for that objective.
 */
export function renamed(body: unknown): unknown {
  if (!isObject(body)) return body;
  const fields = named(body, CAMPAIGN_FIELDS);
  const { moneda, presupuesto, costo, objetivo } = fields;
  return {
    ...fields,
    ...(presupuesto !== undefined && { presupuesto: money(presupuesto, moneda) }),
    ...(isObject(costo) && { costo: cost(costo, moneda) }),
    ...(Array.isArray(objetivo) && objetivo.length === 1 && { objetivo: objetivo[0] }),
  };
}

/** The same for a body that may be the budget itself: `{"monto": 1000, "moneda": "USD"}`. */
export function renamedBudget(body: unknown): unknown {
  const fields = renamed(body);
  if (!isObject(fields) || fields.presupuesto !== undefined) return fields;
  const { monto } = named(fields, MONEY);
  return monto === undefined ? fields : { presupuesto: money(monto, fields.moneda) };
}

function cost(value: Fields, currency: unknown): Fields {
  const fields = named(value, COST);
  return { ...fields, ...(fields.tarifa !== undefined && { tarifa: money(fields.tarifa, currency) }) };
}

function money(value: unknown, currency: unknown): unknown {
  const fields = isObject(value) ? named(value, MONEY) : { monto: value };
  return currency === undefined ? fields : { moneda: currency, ...fields };
}
