exports.up = (pgm) => {
  pgm.createTable('tasks', {
    id: 'id',
    title: { type: 'text', notNull: true },
    done: { type: 'boolean', notNull: true, default: false },
  });
  pgm.sql("INSERT INTO tasks (title) VALUES ('Water the tree')");
};

exports.down = (pgm) => pgm.dropTable('tasks');
