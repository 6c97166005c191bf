exports.up = (pgm) => {
  pgm.createTable('labels', {
    task: { type: 'integer', notNull: true, references: 'tasks' },
    label: { type: 'text', notNull: true },
  });
  pgm.addColumn('tasks', { colour: { type: 'text', notNull: true, default: 'green' } });
};

exports.down = (pgm) => {
  pgm.dropColumn('tasks', 'colour');
  pgm.dropTable('labels');
};
